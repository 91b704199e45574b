import type { NameSettings } from '../name-set.ts'

/** The label `job` is that of `/metrics`, so the same rules and panels fit. */
export const settings: NameSettings = { job: '{job}', instance: '{hostname}', method: 'put', namesJob: true }
