-- Notes that a session is in use, and lets it expire after the idle timeout, but never later than the absolute one.
local function keep_alive(session, index, id, user, timeouts)
  local now = now_ms()
  local created, seen = unpack(redis.call('HMGET', session, 'created', 'seen'))
  if now - seen < timeouts.touch_every then return now end
  local expires = math.min(now + timeouts.idle, created + timeouts.absolute)
  redis.call('HSET', session, 'seen', now)
  redis.call('PEXPIREAT', session, expires)
  if user ~= '' then list_session(index .. user, id, now, expires) end
  return now
end
