-- The sessions of a user, scored by the time at which each expires. It does not expire before the last of them.
local function expire_index(index)
  local last = redis.call('ZREVRANGE', index, 0, 0, 'WITHSCORES')
  if last[2] then redis.call('PEXPIREAT', index, last[2]) end
end

-- Times are texts, or numbers.
local function list_session(index, id, now, expires)
  redis.call('ZREMRANGEBYSCORE', index, '-inf', now)
  redis.call('ZADD', index, expires, id)
  if redis.call('PEXPIREAT', index, expires, 'NX') == 0 then redis.call('PEXPIREAT', index, expires, 'GT') end
end

-- Drops those that are no more, and returns the others.
local function living(index, head, gate, now)
  redis.call('ZREMRANGEBYSCORE', index, '-inf', now)
  local ids = {}
  for _, id in ipairs(redis.call('ZRANGE', index, 0, -1)) do
    if open_session(head .. id, head, gate) == 'live' then
      ids[#ids + 1] = id
    else
      redis.call('ZREM', index, id)
    end
  end
  return ids
end
