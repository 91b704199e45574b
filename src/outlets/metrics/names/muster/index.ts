/** What `/metrics` tells of a job, by the same names: only what stays true while nobody tells anything new. */
import { jobFamilies } from '../../job-families.ts'
import type { NameSet } from '../name-set.ts'

/** Turns with time, and would stay as it was pushed: whoever is gone would be fresh for ever. */
const turning = ['muster_job_verdict', 'muster_job_running', 'muster_job_next_run_timestamp_seconds']

export const nameSet: NameSet = {
  families: ({ job, totals }) =>
    jobFamilies([job], [], totals).filter(({ name, samples }) => samples.length > 0 && !turning.includes(name)),
}
