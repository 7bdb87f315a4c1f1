-- Holders are a hash: attempt → "<fencing token> <ms from the time of the token to the end> <mode> <who>". Modes: write | read |
-- permit. Beside them lie
--   fence: the last fencing token, for at least a week after it was given
--   queue: somebody waits, or has just waited; cancelled: until when a claim may arrive that must not be granted. take.lua lets nobody
--     in while there is anything beside the token
--   call, call too: somebody waits. HDEL of an attempt and both tells by its number: odd, it was held; more than one, there is
--     somebody to be called. It takes them away, and release.lua sets them again.
local FENCE, QUEUE, CANCELLED, CALL, CALL_TOO = 'fence', 'queue', 'cancelled', 'call', 'call too'
local IS_BESIDE = { [FENCE] = true, [QUEUE] = true, [CANCELLED] = true, [CALL] = true, [CALL_TOO] = true }
local DAY_MS = 24 * 3600 * 1000

local function time_of(token)
  return tonumber(string.sub(token, 1, -4))
end

local function read_holder(text)
  local token, lasts, mode, who = string.match(text, '^(%d+) (-?%d+) (%a+) (.*)$')
  return { mode = mode, expires_at = time_of(token) + lasts, token = token, who = who }
end

local function write_holder(holders, attempt, holder)
  redis.call('HSET', holders, attempt, string.format('%s %.0f %s %s',
    holder.token, holder.expires_at - time_of(holder.token), holder.mode, holder.who))
end

-- Not more often than every 100,000 seconds, hence two days more than a week.
local function keep_holders(holders, ttl)
  redis.call('PEXPIRE', holders, math.max(redis.call('PTTL', holders), 9 * DAY_MS, ttl + DAY_MS))
end

-- Who holds it now, and what the attempt itself was granted. Those whose time is over are dropped.
local function occupancy_of(holders, now, attempt)
  local occupied = { count = 0, writers = 0 }
  local fields = redis.call('HGETALL', holders)
  for at = 1, #fields, 2 do
    local holder = not IS_BESIDE[fields[at]] and read_holder(fields[at + 1])
    if fields[at] == attempt then occupied.own = holder end
    if holder and holder.expires_at > now then
      occupied.count = occupied.count + 1
      if holder.mode == 'write' then occupied.writers = occupied.writers + 1 end
      if not occupied.first or holder.expires_at < occupied.first.expires_at then occupied.first = holder end
    elseif holder then
      redis.call('HDEL', holders, fields[at])
    end
  end
  return occupied
end

local function mark_queue(holders, queue)
  if redis.call('EXISTS', queue) == 0 then
    redis.call('HDEL', holders, QUEUE, CALL, CALL_TOO)
  elseif redis.call('EXISTS', holders) == 1 then
    redis.call('HSET', holders, QUEUE, '', CALL, '', CALL_TOO, '')
  end
end

local function mark_cancelled(holders, now, for_ms)
  redis.call('HSET', holders, CANCELLED, string.format('%.0f', now + for_ms))
  redis.call('PEXPIRE', holders, math.max(redis.call('PTTL', holders), for_ms))
end

local function unmark_cancelled(holders, now)
  local until_ms = redis.call('HGET', holders, CANCELLED)
  if until_ms and tonumber(until_ms) <= now then redis.call('HDEL', holders, CANCELLED) end
end

local function fits(mode, permits, occupied)
  if mode == 'write' then return occupied.count == 0 end
  if mode == 'read' then return occupied.writers == 0 end
  return occupied.count < permits
end
