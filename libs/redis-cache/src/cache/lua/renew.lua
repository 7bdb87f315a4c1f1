-- Prolongs a lease that is still ours. It never creates one: an eviction in between must stay in force.
-- KEYS[1] lease
-- ARGV[1] token   ARGV[2] duration from now in ms
-- Reply: 1, or 0 when the lease was no longer ours.
local lease, token, duration = KEYS[1], ARGV[1], ARGV[2]

if redis.call('HGET', lease, 'token') ~= token then return 0 end
return redis.call('PEXPIRE', lease, duration)
