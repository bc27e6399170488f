#!/usr/bin/env bash
# The fonts that the battery draws with: Debian packages, handwriting among them.
set -euo pipefail
apt-get install -y --no-install-recommends \
  fonts-dejavu-core fonts-liberation2 fonts-open-sans \
  fonts-comic-neue fonts-humor-sans fonts-rufscript fonts-dkg-handwriting fonts-breip \
  fonts-femkeklaver fonts-dancingscript
