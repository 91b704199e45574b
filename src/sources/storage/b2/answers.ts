/** What B2 answers, as far as it is used. Source: Backblaze B2 Native API, version 3. */
import { z } from 'zod'
import { type Answer, statusFault } from '../ask.ts'
import { type Fault, fault } from '../storage.ts'

const text = z.string().max(2_000)

/** Of `b2_authorize_account`. */
export const Authorization = z.object({
  accountId: text,
  authorizationToken: text,
  apiInfo: z.object({
    storageApi: z.object({
      apiUrl: z.url(),
      downloadUrl: z.url(),
      // Of a key that is for one bucket, or for some names in it, alone.
      bucketId: text.nullish(),
      bucketName: text.nullish(),
      namePrefix: text.nullish(),
    }),
  }),
})
export type Authorization = z.output<typeof Authorization>

/** Of `b2_list_buckets`. */
export const Buckets = z.object({ buckets: z.array(z.object({ bucketId: text, bucketName: text })) })

/** Of `b2_list_file_names`. */
export const Files = z.object({
  files: z.array(
    z.object({
      fileName: z.string(),
      contentLength: z.int().nonnegative().nullish(),
      uploadTimestamp: z.number().nullish(),
    }),
  ),
  nextFileName: z.string().nullish(),
})

/** @returns undefined for anything else than what the shape says. */
export function parseAnswer<T>(shape: z.ZodType<T>, { body }: Answer): T | undefined {
  try {
    return shape.safeParse(JSON.parse(body.toString('utf8'))).data
  } catch {
    return undefined
  }
}

/** The `code` of a refusal, such as `expired_auth_token`; empty when there is none. */
export function codeOf(answer: Answer): string {
  return parseAnswer(z.object({ code: z.string().regex(/^[a-z_]{1,60}$/) }), answer)?.code ?? ''
}

export function faultOfAnswer(answer: Answer): { readonly ok: false; readonly fault: Fault } {
  const code = codeOf(answer)
  const plain = statusFault(answer)
  if (code === '') return plain
  // B2 says with 403 that a limit of the account is reached.
  const kind = code.endsWith('cap_exceeded') ? 'full' : plain.fault.kind
  return fault(code === 'bad_bucket_id' ? 'missing' : kind, `${code} (HTTP ${answer.status})`)
}
