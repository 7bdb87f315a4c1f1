-- Notes that a session is in use, and lets it expire after the idle timeout, but never later than the absolute one. False
-- when that has passed: the session is no more. PEXPIREAT comes first: a full Redis lets a script go on that begins with it.
local function keep_alive(session, index, id, user, timeouts)
  local now = now_ms()
  local created, seen = unpack(redis.call('HMGET', session, 'created', 'seen'))
  if now - seen < timeouts.touch_every then return true end
  local expires = string.format('%.0f', math.min(now + timeouts.idle, created + timeouts.absolute))
  seen = string.format('%.0f', now)
  redis.call('PEXPIREAT', session, expires)
  if redis.call('EXISTS', session) == 0 then return false end
  redis.call('HSET', session, 'seen', seen, 'expires', expires)
  if user ~= '' then list_session(index .. user, id, seen, expires) end
  return true
end
