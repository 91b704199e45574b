/** `20261121T101500Z-4f2a9c1b`: sorts by time, reads well in a log. Unique, no secret: node:crypto would cost each start 5 ms. */
export const newId = (now: Date): string =>
  `${now.toISOString().replace(/[-:]|\.\d+/g, '')}-${Math.floor(Math.random() * 2 ** 32)
    .toString(16)
    .padStart(8, '0')}`
