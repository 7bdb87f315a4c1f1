-- Who holds a lock or its permits, and who waits for it, in their order.
-- KEYS[1] holders   KEYS[2] queue   KEYS[3] waiters
-- ARGV[1] the most waiters to tell of
-- Reply: {{mode, remaining ms, fencing token, since, who}, …}, {{mode, since, who}, …}
-- @include clock
-- @include holders
-- @include queue
local holders, queue, waiters, most = KEYS[1], KEYS[2], KEYS[3], tonumber(ARGV[1])

local now = math.floor(now_us() / 1000)
local held, waiting = {}, {}
local fields = redis.call('HGETALL', holders)
for at = 1, #fields, 2 do
  local holder = not IS_BESIDE[fields[at]] and read_holder(fields[at + 1])
  if holder and holder.expires_at > now then
    held[#held + 1] = { holder.mode, holder.expires_at - now, holder.token, time_of(holder.token), holder.who }
  end
end
for _, attempt in ipairs(redis.call('ZRANGE', queue, 0, most - 1)) do
  local text = redis.call('HGET', waiters, attempt)
  local waiter = text and read_waiter(text)
  if waiter and waiter.ends_at > now then waiting[#waiting + 1] = { waiter.mode, waiter.since, waiter.who } end
end
return { held, waiting }
