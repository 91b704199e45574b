import { z } from 'zod'

const Count = z.int().min(1).max(100_000)
const Within = z.string().regex(/^(?:\d+[ymdh])+$/, 'Write numbers with y, m (months), d or h, such as 1y6m or 14d')

/** What a policy keeps, in the words of restic. */
export const Retention = z
  .strictObject({
    group: z
      .array(z.enum(['host', 'paths', 'tags']))
      .prefault(['host', 'paths'])
      .meta({ description: 'Snapshots that agree in these are counted together.', examples: [['tags']] }),
    scope: z
      .enum(['job', 'host'])
      .prefault('job')
      .meta({
        description:
          'Whose snapshots are looked at: those of the host with all tags and sources of the `job`, or all of its `host`, as restic does by itself.',
        examples: ['host'],
      }),
    keepLast: Count.optional().meta({ description: 'Newest snapshots to keep.', examples: [7] }),
    keepHourly: Count.optional().meta({ description: 'Hours for which the last snapshot is kept.', examples: [48] }),
    keepDaily: Count.optional().meta({ description: 'Days for which the last snapshot is kept.', examples: [14] }),
    keepWeekly: Count.optional().meta({ description: 'ISO weeks for which the last snapshot is kept.', examples: [8] }),
    keepMonthly: Count.optional().meta({ description: 'Months for which the last snapshot is kept.', examples: [12] }),
    keepYearly: Count.optional().meta({ description: 'Years for which the last snapshot is kept.', examples: [10] }),
    keepWithin: Within.optional().meta({
      description: 'Keep everything younger than this, seen from the newest.',
      examples: ['14d'],
    }),
    keepWithinHourly: Within.optional().meta({
      description: 'Keep hourly snapshots within this time.',
      examples: ['2d'],
    }),
    keepWithinDaily: Within.optional().meta({
      description: 'Keep daily snapshots within this time.',
      examples: ['14d'],
    }),
    keepWithinWeekly: Within.optional().meta({
      description: 'Keep weekly snapshots within this time.',
      examples: ['2m'],
    }),
    keepWithinMonthly: Within.optional().meta({
      description: 'Keep monthly snapshots within this time.',
      examples: ['1y'],
    }),
    keepWithinYearly: Within.optional().meta({
      description: 'Keep yearly snapshots within this time.',
      examples: ['10y'],
    }),
    keepTags: z
      .array(z.string().min(1))
      .prefault([])
      .meta({ description: 'Keep every snapshot with one of these tags.', examples: [['keep']] }),
  })
  .refine(
    // Tags alone would let every other snapshot go, the newest too; restic 0.14 does just that.
    (value) =>
      Object.entries(value).some(([key, kept]) => /^keep/.test(key) && !Array.isArray(kept) && kept !== undefined),
    {
      error: 'has no rule of what to keep, so nothing would be kept',
      params: { next: 'Name at least one, such as keepDaily: 14.' },
    },
  )
