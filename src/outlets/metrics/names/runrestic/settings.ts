import type { NameSettings } from '../name-set.ts'

/** runrestic itself only writes files. */
export const settings: NameSettings = { job: 'runrestic', instance: '{job}', method: 'put', namesJob: true }
