/** Cases that the label alone does not settle: what the policy lets run though it counts as lost, and what it holds though nothing is. */

/** Takes no row and no object that cannot be made again from what is there: the policy lets it run, and says so. */
export const outages =
  /^(DROP (INDEX|STATISTICS)|REVOKE|ALTER DEFAULT PRIVILEGES .* REVOKE|ALTER TABLE \w+ (DETACH PARTITION|NO INHERIT|ALTER COLUMN \w+ DROP DEFAULT))\b/

/** Runs SQL in another session with a connection of its own: held whatever it runs there. */
export const outside = /\bdblink\(/
