import { ok, type Result } from '../../../model/problem.ts'
import { badRunId } from './problems.ts'

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i

/** Source: Healthchecks, "Pinging API", "Run IDs": a UUID in its usual form, whose case does not count. */
export const readRunId = (given: string | undefined): Result<string | undefined> =>
  given === undefined ? ok(undefined) : uuid.test(given) ? ok(given.toLowerCase()) : badRunId
