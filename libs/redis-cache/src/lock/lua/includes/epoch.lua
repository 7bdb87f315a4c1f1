-- An epoch is a hash (id: "<since, ms> <who began it>"; closed until, kept until; open: the id, while nobody is refused) that
-- lives longer than the locks beside it. Without it they were lost: their holders do not know yet, so nobody may be let in before the
-- longest of them has ended. So they were when there is an older one than the asker has met: it has come back in place of that.
-- For more than a year: a job that comes once a year finds it missing otherwise, and is not let in.
local EPOCH_MS = 400 * DAY_MS

-- No lock is older than the server. Its uptime is in whole seconds, and may be one too high.
local function server_started_at(now)
  local uptime = string.match(redis.call('INFO', 'server'), 'uptime_in_seconds:(%d+)')
  return now - (tonumber(uptime) - 1) * 1000
end

local function beginning_of(id)
  return tonumber(string.match(id, '^(%d+) ') or 0)
end

-- asker: known (the epoch this process has met before, or ''), fresh (for the id, should there be none), longest, after_loss.
-- Returns the id and until when nobody is let in.
local function enter_epoch(epoch, now, asker)
  local fields = redis.call('HMGET', epoch, 'id', 'closed', 'kept')
  local id, closed, kept = fields[1], tonumber(fields[2] or 0), tonumber(fields[3] or 0)
  local known = asker.known
  if not id or (id ~= known and beginning_of(id) <= beginning_of(known)) then
    id = string.format('%.0f %s', now, asker.fresh)
  elseif known == '' then
    known = id -- the first that he meets
  end
  if id ~= known then
    if asker.after_loss == 'wait' then
      -- What he has met was lost before this one began: who comes late closes nothing once more.
      local lost_at = known == '' and server_started_at(now) or math.min(beginning_of(id), now)
      closed = math.max(closed, lost_at + asker.longest)
    end
    redis.call('HSET', epoch, 'id', id, 'closed', string.format('%.0f', closed))
  end
  if closed > now then redis.call('HDEL', epoch, 'open') else redis.call('HSET', epoch, 'open', id) end
  if kept < now + EPOCH_MS - DAY_MS then
    redis.call('HSET', epoch, 'kept', string.format('%.0f', now + EPOCH_MS))
    redis.call('PEXPIRE', epoch, EPOCH_MS)
  end
  return id, closed
end
