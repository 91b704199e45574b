/** What several answers of the API have in common. */
import { z } from '@hono/zod-openapi'
import { verdictStates } from '../../../model/verdict.ts'

export const Instant = z.iso.datetime().openapi({ example: '2026-11-21T02:15:00.000Z' })
export const Count = z.int().min(0)
export const Bytes = z.number().min(0).meta({ description: 'Bytes.' })

export const Refused = z
  .strictObject({ problem: z.strictObject({ code: z.string(), message: z.string(), next: z.string() }) })
  .openapi('Refused')

export const Problem = z
  .strictObject({
    code: z.string().meta({ description: 'Stable, such as `restic.locked`.' }),
    message: z.string(),
    next: z.string().meta({ description: 'What to do now.' }),
    retry: z.enum(['soon', 'next-run', 'never']),
    context: z.record(z.string(), z.union([z.string(), z.number()])).optional(),
  })
  .openapi('Problem')

export const Verdict = z
  .strictObject({
    state: z.enum(verdictStates).meta({ description: 'fresh and running are fine.' }),
    reason: z.string(),
    next: z.string().meta({ description: 'What to do now; empty when all is well.' }),
    newestAt: Instant.optional(),
    expectedBefore: Instant.optional().meta({ description: 'Deadline of the next snapshot.' }),
    since: Instant.optional(),
    lateMs: z.number().optional(),
    aheadMs: z.number().optional(),
    failures: Count.optional(),
    problem: Problem.optional(),
  })
  .openapi('Verdict')
