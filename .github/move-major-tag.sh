#!/usr/bin/env bash
# Moves v1 to the release v1.4.2, and makes it GitHub's latest. A patch of an older line (v1.3.9 after v1.4.2) is a
# release alone: v1 and "latest" stay where they are. A repeat does what is left to do.
# usage: move-major-tag.sh v1.4.2
set -euo pipefail

tag=$1
major=${tag%%.*}

# The highest version of those that are tagged, not the one that was tagged last.
highest() { git tag --list "$1" --sort=-version:refname | grep -E '^v[0-9]+\.[0-9]+\.[0-9]+$' | head -n 1; }

# There already where an earlier try could not move the tag.
if ! gh release view "$tag" > /dev/null 2>&1; then
  if [ "$(highest 'v*')" = "$tag" ]; then latest=true; else latest=false; fi
  gh release create "$tag" --verify-tag --generate-notes --latest="$latest"
fi

if [ "$(highest "$major.*")" = "$tag" ]; then
  git tag --force "$major" "$tag"
  git push --force origin "refs/tags/$major"
fi
