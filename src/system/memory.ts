/** How much memory a process takes that stays. */
import { setFlagsFromString } from 'node:v8'

/**
 * Keeps the heap's nursery at its first size. V8 doubles it up to 2 x 64 MiB while much is made at once, a large configuration
 * say, and a process that stays never gives that back. Costs more, shorter collections.
 * Source: V8, flag-definitions.h, `semi_space_growth_factor`; it is read each time the nursery would grow.
 */
export const keepNurserySmall = (): void => setFlagsFromString('--semi-space-growth-factor=1')

/**
 * Collects garbage before the heap grows, where V8 would let it grow to a multiple first. For when the start is over:
 * until then it would cost as much again as the start itself.
 * Source: V8, flag-definitions.h, `optimize_for_size`; the heap asks for it when it sets its next limit.
 */
export const preferSmallHeap = (): void => setFlagsFromString('--optimize-for-size')
