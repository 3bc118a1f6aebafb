#!/bin/sh
# Stands in for the Maestro CLI, which cannot be had by a package: takes its words in its order, and writes what its sources
# write (JUnit, exit codes, messages). The first line of the flow says what happens. It is not Maestro: it drives no device.
printf '%s\n' "$@" > "$(dirname "$0")/words"
device='' output=''
if [ "$1" = --device ]; then device=$2; shift 2; fi
[ "$1" = test ] || { echo "Unmatched argument: $1" >&2; exit 2; }
shift
while [ $# -gt 1 ]; do
  case $1 in
    --format) [ "$2" = junit ] || exit 2; shift 2 ;;
    --output) output=$2; shift 2 ;;
    --debug-output) mkdir -p "$2"; echo '{}' > "$2/commands-(flow).json"; shift 2 ;;
    --flatten-debug-output) shift ;;
    -e) shift 2 ;;
    *) echo "Unknown option: '$1'" >&2; exit 2 ;;
  esac
done
report() {
  cat > "$output" <<XML
<?xml version='1.0' encoding='UTF-8'?>
<testsuites>
  <testsuite name="Test Suite" device="${device:-emulator-5554}" tests="1" failures="$1" time="2.0">
    <testcase id="shop" name="shop" classname="shop" file="$flow" time="2.0" status="$2">$3</testcase>
  </testsuite>
</testsuites>
XML
}
flow=$1
echo "Running on ${device:-emulator-5554}"
case $(head -n 1 "$flow") in
  '# passes') report 0 SUCCESS; echo '[Passed] shop (2s)'; exit 0 ;;
  '# fails') report 1 ERROR '<failure>Assertion is false: "Buy" is visible</failure>'; echo '[Failed] shop (2s)'; exit 1 ;;
  '# lost') report 1 ERROR '<failure>UNAVAILABLE: io exception</failure>'; exit 1 ;;
  '# away') echo "Device $device was requested, but it is not connected." >&2; exit 1 ;;
  '# broken') echo "Failed to parse file: $flow" >&2; exit 1 ;;
  '# lies') report 0 SUCCESS; exit 1 ;;
  '# mute') exit 0 ;;
  '# hangs') touch "$(dirname "$0")/hangs"; exec sleep 600 ;;
esac
