-- Gives a lease back without a value: the loader failed, had nothing to store, or its caller gave up.
-- KEYS[1] lease
-- ARGV[1] token
-- Reply: 1, or 0 when the lease was no longer ours.
-- @include lease
local lease, token = KEYS[1], ARGV[1]

if redis.call('HGET', lease, 'token') ~= token then return 0 end
end_lease(lease)
return 1
