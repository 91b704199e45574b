import type { NameSettings } from '../name-set.ts'

/** As a known script pushes: the instance is the tag, which is how often. */
export const settings: NameSettings = { job: 'nfs_backup', instance: '{tag}', method: 'put', namesJob: false }
