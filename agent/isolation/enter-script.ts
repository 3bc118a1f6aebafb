/**
 * Runs as the first process of a mount namespace, with the right to mount. Its words: a folder for the new tree, the
 * options of overlays, the file that says that all went well, the folder to run in; then the
 * mounts, each a word and its paths; then `--` and the program. No value is ever part of the script.
 *
 * The tree of the host is copied, the mounts are made in the copy, and the copy becomes the root. A chroot would not do:
 * inside of one the kernel makes no user namespace, and a browser has no sandbox.
 *
 * Earlier programs of the lease wrote in what is mounted here. So each mount is made on the folder that the script is in,
 * once it is known to be the right one: a link in its place would lead the mount to the host's own programs, which run here.
 */
export const enterScript = `set -e
tree=$1 layer=$2 entered=$3 folder=$4
shift 4
path=$PATH
PATH=$PATH:/usr/sbin:/sbin
mount --rbind / "$tree"
at() {
  cd -P -- "$tree$1" && [ "$(pwd -P)" = "$tree$1" ] && return
  echo "$1 leads elsewhere" >&2
  exit 1
}
while [ "$1" != -- ]; do
  case $1 in
    overlay)
      at "$2"
      mount -c -t overlay overlay -o "lowerdir=$2,upperdir=$3,workdir=$4$layer" .
      shift 4 ;;
    bind)
      if [ -d "$2" ]; then at "$3"; on=.; else at "\${3%/*}"; on=./\${3##*/}; fi
      if [ -L "$on" ]; then echo "$3 is a link" >&2; exit 1; fi
      mount -c --rbind "$2" "$on"
      shift 3 ;;
    tmpfs)
      at "$2"
      mount -c -t tmpfs -o mode=1777 tmpfs .
      shift 2 ;;
    *) echo "no mount: $1" >&2; exit 1 ;;
  esac
done
shift
# No view shows the file: it is opened while it can be named, and written when all went well.
exec 9> "$entered"
# The old root comes to lie on the new one: no folder in the view is needed for it.
cd -- "$tree"
pivot_root . .
umount -l /
cd /
PATH=$path
cd -- "$folder"
echo entered >&9
exec 9>&-
unset OLDPWD
exec "$@"`;

/**
 * Runs the program as a child and ends with its exit code: the kernel protects the first process of a namespace from
 * signals that it does not handle, so the program must not be that one. Orphans become its children and are waited for.
 */
export const firstProcessScript = 'trap : HUP INT QUIT TERM\n"$@"\nexit "$?"';
