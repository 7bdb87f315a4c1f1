-- Takes a lock or a permit, or stands in the queue for it. Sent again by the same attempt, it answers the same.
-- KEYS[1] holders   KEYS[2] queue   KEYS[3] waiters   KEYS[4] fencing token   KEYS[5] epoch   KEYS[6] latch of the attempt
-- ARGV[1] attempt, unique   ARGV[2] mode: write | read | permit   ARGV[3] permits there are   ARGV[4] ttl in ms
-- ARGV[5] for how many ms the caller waits, 0 = he does not   ARGV[6] command that publishes   ARGV[7] channel of this process
-- ARGV[8] who asks, for people who look   ARGV[9] epoch known to this process, or ''   ARGV[10] id for a new epoch
-- ARGV[11] longest ttl in ms   ARGV[12] after a loss of data: wait | grant
-- Reply: {'granted', epoch, remaining ms, fencing token} | {'busy', epoch, ms until something may change, who holds it}
-- | {'closed', epoch, remaining ms} after a loss of data | {'void'} when the attempt was given up or its time is over.
-- @include clock
-- @include holders
-- @include queue
-- @include epoch
local holders, queue, waiters, fence, epoch, latch = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6]
local attempt, mode, permits, ttl, wait = ARGV[1], ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5])
local publish, channel, who = ARGV[6], ARGV[7], ARGV[8]
local known, fresh, longest, after_loss = ARGV[9], ARGV[10], tonumber(ARGV[11]), ARGV[12]

local FENCE_MS = 7 * 24 * 3600 * 1000

-- The time, unless the clock was set back: then one more than the last.
local function next_token(fence, time)
  local token = string.format('%.0f', time)
  local last = tonumber(redis.call('SET', fence, token, 'PX', FENCE_MS, 'GET') or 0)
  if last < time then return token end
  token = string.format('%.0f', last + 1)
  redis.call('SET', fence, token, 'PX', FENCE_MS)
  return token
end

local time = now_us()
local now = math.floor(time / 1000)

local occupied = occupancy_of(holders, now, attempt)
local own, first = occupied.own, occupied.first
if own then
  if own.expires_at <= now then return { 'void' } end
  return { 'granted', known, own.expires_at - now, own.token }
end

local has_queue = false
if redis.call('EXISTS', latch, queue) > 0 then -- one question for what is seldom there
  if redis.call('EXISTS', latch) == 1 then return { 'void' } end
  has_queue = true
end

local id, closed = enter_epoch(epoch, now, known, fresh, longest, after_loss)
if closed > now then return { 'closed', id, closed - now } end

local place = has_queue and serve_queue(queue, waiters, occupied, now, attempt) or 'end'

if place == 'turn' or (place == 'end' and fits(mode, permits, occupied)) then
  local token = next_token(fence, time)
  write_holder(holders, attempt, { mode = mode, expires_at = now + ttl, token = token,
    since = string.format('%.0f', now), who = who })
  -- A key without an expiry counts as one that lives for ever: nothing is greater.
  if first then redis.call('PEXPIRE', holders, ttl, 'GT') else redis.call('PEXPIRE', holders, ttl) end
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
