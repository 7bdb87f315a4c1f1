-- Takes a lock or a permit, or stands in the queue for it. Sent again by the same attempt, it answers the same.
-- KEYS[1] holders   KEYS[2] queue   KEYS[3] waiters   KEYS[4] epoch   KEYS[5] latch of the attempt
-- ARGV[1] attempt, unique   ARGV[2] mode: write | read | permit   ARGV[3] permits there are   ARGV[4] ttl in ms
-- ARGV[5] for how many ms the caller waits, 0 = he does not   ARGV[6] who asks, for people who look
-- ARGV[7] epoch known to this process, or ''
-- ARGV[8] what this process always says: "<longest ttl in ms> <after a loss of data: wait | grant> <command that publishes> <channel>"
-- Reply: the fencing token, a text, when nothing stood in the way: granted for the whole ttl, in the epoch that is known
-- | {'granted', epoch, remaining ms, fencing token} | {'busy', epoch, ms until something may change, who holds it}
-- | {'closed', epoch, remaining ms} after a loss of data | {'void'} when the attempt was given up or its time is over.
local holders, queue, waiters, epoch, latch = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local attempt, mode, ttl, who, known = ARGV[1], ARGV[2], ARGV[4], ARGV[6], ARGV[7]

local DAY_S = 24 * 3600

local time = redis.call('TIME')
local token = time[1] .. string.sub('00000' .. time[2], -6)

-- Most locks are free, nobody waits for them and nothing was lost. The first of a day goes the long way, on which all that is
-- needed is kept from expiring.
local fence = redis.call('HGET', holders, 'fence')
if fence and fence < token and redis.call('HLEN', holders) == 1
  and redis.call('EXISTS', queue, latch) == 0 and redis.call('HGET', epoch, 'open') == known
  and math.floor(string.sub(fence, 1, -7) / DAY_S) == math.floor(time[1] / DAY_S) and tonumber(ttl) < DAY_S * 1000 then
  local now = string.sub(token, 1, -4)
  redis.call('HSET', holders, 'fence', token, attempt, mode .. ' ' .. (now + ttl) .. ' ' .. token .. ' ' .. now .. ' ' .. who)
  return token
end

-- @include holders
-- @include queue
-- @include epoch
local permits, wait = tonumber(ARGV[3]), tonumber(ARGV[5])
local longest, after_loss, publish, channel = string.match(ARGV[8], '^(%d+) (%a+) (%u+) (.*)$')
local now = tonumber(string.sub(token, 1, -4))
ttl = tonumber(ttl)

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
if closed > now then return { 'closed', id, closed - now } end

local place = has_queue and serve_queue(queue, waiters, occupied, now, attempt) or 'end'

if place == 'turn' or (place == 'end' and fits(mode, permits, occupied)) then
  -- The time, unless the clock was set back: then one more than the last.
  if fence and tonumber(fence) >= tonumber(token) then token = string.format('%.0f', tonumber(fence) + 1) end
  redis.call('HSET', holders, FENCE, token)
  write_holder(holders, attempt, { mode = mode, expires_at = now + ttl, token = token,
    since = string.format('%.0f', now), who = who })
  keep_holders(holders, ttl)
  if has_queue then leave_queue(queue, waiters, attempt) end
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
return { 'busy', id, first and first.expires_at - now or TURN_MS, first and first.who or '' }
