-- Notes that a session is in use, and lets it expire after the idle timeout, but never later than the absolute one.
local function keep_alive(session, index, id, user, timeouts)
  local now = now_ms()
  local created, seen = unpack(redis.call('HMGET', session, 'created', 'seen'))
  if now - seen < timeouts.touch_every then return end
  local expires = string.format('%.0f', math.min(now + timeouts.idle, created + timeouts.absolute))
  seen = string.format('%.0f', now)
  redis.call('HSET', session, 'seen', seen, 'expires', expires)
  redis.call('PEXPIREAT', session, expires)
  if user ~= '' then list_session(index .. user, id, seen, expires) end
end
