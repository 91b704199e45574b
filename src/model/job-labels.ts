/** What tells jobs apart in metrics and rules. Without `repository` where another program runs it: nobody knows where that writes to. */
export const jobLabels = ({
  name,
  repository,
}: {
  readonly name: string
  readonly repository?: string
}): Readonly<Record<string, string>> => ({
  job: name,
  ...(repository !== undefined && { repository }),
})
