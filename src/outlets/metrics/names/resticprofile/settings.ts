import type { NameSettings } from '../name-set.ts'

/** resticprofile pushes to `profile.command`, without an instance. */
export const settings: NameSettings = { job: '{job}.backup', instance: '', method: 'put', namesJob: true }
