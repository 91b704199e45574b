/** `5:7.0.15+dfsg-2~deb12u7` → `7.0.15`: what the authors of the program call it. */
export function upstreamOf(version: string): string {
  return /^(?:\d+:)?(\d+(?:\.\d+)*)/.exec(version)?.[1] ?? version
}

/** Orders dotted numbers; a missing part counts as 0. */
function compareVersions(a: string, b: string): number {
  const [left, right] = [a, b].map((text) => text.split('.').map(Number))
  for (let part = 0; part < Math.max(left?.length ?? 0, right?.length ?? 0); part += 1) {
    const difference = (left?.[part] ?? 0) - (right?.[part] ?? 0)
    if (difference !== 0) return difference
  }
  return 0
}

/** Whether a Debian version lies in `[from, below)`, by the authors' own number. */
export function fits(version: string, from: string, below?: string): boolean {
  const upstream = upstreamOf(version)
  return compareVersions(upstream, from) >= 0 && (below === undefined || compareVersions(upstream, below) < 0)
}
