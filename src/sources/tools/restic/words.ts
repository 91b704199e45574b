/** What restic's output means, however it was started: for whoever runs it through another program. */
export { CheckReport } from './check.ts'
export { classify, failureText, headline } from './classify.ts'
export { type ProblemCode, problem } from './problems.ts'
export { parseSnapshots } from './snapshots.ts'
