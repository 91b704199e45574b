/** How to start the npm the user has: the one that runs us, on our Node.js, else the one in PATH. */
export function npmCommand() {
  const script = process.env.npm_execpath
  if (script?.endsWith('npm-cli.js')) return { program: process.execPath, args: [script] }
  return { program: 'npm', args: [] }
}
