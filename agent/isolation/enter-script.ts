/**
 * Runs as the first process of a mount namespace, with the right to mount. Its words: a folder for the new tree, a folder
 * in it for the old one, the options of overlays, the file that says that all went well, the folder to run in; then the
 * mounts, each a word and its paths; then `--` and the program. No value is ever part of the script.
 *
 * The tree of the host is copied, the mounts are made in the copy, and the copy becomes the root. A chroot would not do:
 * inside of one the kernel makes no user namespace, and a browser has no sandbox.
 */
export const enterScript = `set -e
tree=$1 old=$2 layer=$3 entered=$4 folder=$5
shift 5
path=$PATH
PATH=$PATH:/usr/sbin:/sbin
mount --rbind / "$tree"
while [ "$1" != -- ]; do
  case $1 in
    overlay) mount -t overlay overlay -o "lowerdir=$2,upperdir=$3,workdir=$4$layer" "$tree$2"; shift 4 ;;
    bind) mount --rbind "$2" "$tree$3"; shift 3 ;;
    tmpfs) mount -t tmpfs -o mode=1777 tmpfs "$tree$2"; shift 2 ;;
    *) echo "no mount: $1" >&2; exit 1 ;;
  esac
done
shift
pivot_root "$tree" "$tree$old"
cd /
umount -l "$old"
PATH=$path
cd -- "$folder"
: > "$entered"
unset OLDPWD
exec "$@"`;

/**
 * Runs the program as a child and ends with its exit code: the kernel protects the first process of a namespace from
 * signals that it does not handle, so the program must not be that one. Orphans become its children and are waited for.
 */
export const firstProcessScript = 'trap : HUP INT QUIT TERM\n"$@"\nexit "$?"';
