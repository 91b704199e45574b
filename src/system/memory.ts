/** How much memory a process takes that stays. */
import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8'

/**
 * Keeps the heap near what lives in it. Left alone, V8 grows the nursery up to 2 x 64 MiB and the rest to a multiple while much
 * is made at once, say by the first reading of many repositories, and gives it back late or never. For when the start is over,
 * which it would make a quarter dearer.
 * Source: V8, flag-definitions.h: `semi_space_growth_factor` and `optimize_for_size`, both read when the heap would grow.
 */
export function stayLean(): void {
  setFlagsFromString('--semi-space-growth-factor=1')
  setFlagsFromString('--optimize-for-size')
}

/** Two halves of it and what is copied between them stay well below the memory that a busy process may take. */
const mostNurseryBytes = 8 * 1024 * 1024

/**
 * While much is made at once that is gone a moment later, a small nursery costs nearly as much again as the work itself: it may
 * grow, to a size that is bearable. Called every now and then for as long as that is so; then `stayLean` again.
 */
export function breathe(): void {
  const nursery = getHeapSpaceStatistics().find(({ space_name: name }) => name === 'new_space')
  setFlagsFromString(`--semi-space-growth-factor=${(nursery?.space_size ?? 0) < mostNurseryBytes ? 2 : 1}`)
  setFlagsFromString('--no-optimize-for-size')
}
