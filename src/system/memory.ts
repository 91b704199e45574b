/** How much memory a process takes that stays. */
import { setFlagsFromString } from 'node:v8'

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
