-- Takes a lock or a permit, or stands in the queue for it. Sent again by the same attempt, it answers the same.
-- KEYS[1] holders   KEYS[2] queue   KEYS[3] waiters   KEYS[4] epoch   KEYS[5] latch of the attempt
-- ARGV[1] attempt, unique   ARGV[2] "<ttl in ms> <mode: write | read | permit> <who asks, for people who look>"
-- ARGV[3] epoch known to this process, or ''
-- ARGV[4] "<permits there are> <for how many ms the caller waits, 0 = he does not> <longest ttl in ms>
--   <after a loss of data: wait | grant> <command that publishes> <channel>"
-- Reply: {'granted', epoch, remaining ms, fencing token} | {'busy', epoch, ms until something may change, who holds it}
-- | {'closed', epoch, remaining ms} after a loss of data | {'void'} when the attempt was given up or its time is over.
local holders, queue, waiters, epoch, latch = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local attempt, asked, known = ARGV[1], ARGV[2], ARGV[3]

-- @include clock
-- @include holders
-- @include queue
-- @include epoch
local ttl, mode, who = string.match(asked, '^(%d+) (%a+) (.*)$')
local permits, wait, longest, after_loss, publish, channel =
  string.match(ARGV[4], '^(%d+) (%d+) (%d+) (%a+) (%u+) (.*)$')
ttl, permits, wait = tonumber(ttl), tonumber(permits), tonumber(wait)
local us = now_us()
local now = math.floor(us / 1000)

local occupied = occupancy_of(holders, now, attempt)
local own, first = occupied.own, occupied.first
if own then
  if own.expires_at <= now then return { 'void' } end
  return { 'granted', known, own.expires_at - now, own.token }
end

if redis.call('EXISTS', latch) == 1 then return { 'void' } end
local has_queue = redis.call('EXISTS', queue) == 1

local id, closed = enter_epoch(epoch, now,
  { known = known, fresh = attempt, longest = tonumber(longest), after_loss = after_loss })
if closed > now then
  redis.call('HDEL', waiters, 'turn ' .. attempt) -- he came, and will be called again
  return { 'closed', id, closed - now }
end

local place = has_queue and serve_queue(queue, waiters, occupied, now, attempt) or 'end'

if place == 'turn' or (place == 'end' and fits(mode, permits, occupied)) then
  -- The time, unless the clock was set back: then one more than the last.
  local token = string.format('%.0f', math.max(us, tonumber(redis.call('HGET', holders, FENCE) or 0) + 1))
  redis.call('HSET', holders, FENCE, token)
  write_holder(holders, attempt, { mode = mode, expires_at = now + ttl, token = token, who = who })
  keep_holders(holders, ttl)
  if has_queue then leave_queue(queue, waiters, attempt) end
  mark_queue(holders, queue)
  unmark_cancelled(holders, now)
  return { 'granted', id, ttl, token }
end

if wait > 0 and not redis.call('ZSCORE', queue, attempt) then
  local last = redis.call('ZREVRANGE', queue, 0, 0, 'WITHSCORES')
  redis.call('ZADD', queue, tonumber(last[2] or 0) + 1, attempt)
  write_waiter(waiters, attempt, { mode = mode, permits = permits, ends_at = now + wait, since = now,
    publish = publish, channel = channel, who = who })
  for _, key in ipairs({ queue, waiters }) do
    local kept_for = math.max(redis.call('PTTL', key), wait + TURN_MS)
    redis.call('PEXPIRE', key, kept_for)
  end
end
mark_queue(holders, queue) -- the process that took the marks to call those who wait may have died before it did
return { 'busy', id, first and first.expires_at - now or TURN_MS, first and first.who or '' }
