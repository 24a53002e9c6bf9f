-- Script for wrk. Adds the bearer token to each request, which is a GET unless one of these is set:
-- BENCH_FORM: each request is a POST of this form.
-- BENCH_ACCOUNTS (account ids, separated by spaces, or "shared"): each request is a POST of a new link, in one
-- account after the other, under one of the BENCH_TAGS tags ("tag 0", "tag 1", ...) that exist there. The
-- threads use different accounts, unless there is one.
local thread_counter = 0

function setup(thread)
  thread:set("number", thread_counter)
  thread_counter = thread_counter + 1
end

function init()
  if os.getenv("BENCH_TOKEN") ~= "" then wrk.headers["Authorization"] = "Bearer " .. os.getenv("BENCH_TOKEN") end
  run, count, accounts = os.getenv("BENCH_RUN"), 0, {}
  tags, threads = tonumber(os.getenv("BENCH_TAGS")), tonumber(os.getenv("BENCH_THREADS"))
  for account in (os.getenv("BENCH_ACCOUNTS") or ""):gmatch("%S+") do
    accounts[#accounts + 1] = account == "shared" and "" or string.format('"account_id":"%s",', account)
  end
  if #accounts > 0 then
    wrk.method = "POST"
    wrk.headers["Content-Type"] = "application/json"
  elseif os.getenv("BENCH_FORM") then
    wrk.method, wrk.body = "POST", os.getenv("BENCH_FORM")
    wrk.headers["Content-Type"] = "application/x-www-form-urlencoded"
  end
end

-- Only where requests differ: others are made once.
if os.getenv("BENCH_ACCOUNTS") then
  function request()
    count = count + 1
    local account = accounts[(count * threads + number) % #accounts + 1]
    return wrk.format(nil, nil, nil, string.format('{%s"link":"https://example.org/%s/%d-%d","tag":"tag %d"}',
      account, run, number, count, count % tags))
  end
end

function done(summary, latency)
  local errors = summary.errors
  local lost = errors.connect + errors.read + errors.write + errors.timeout
  io.write(string.format("RESULT %d %d %d %d %d %d\n", summary.requests, summary.duration, errors.status, lost,
    latency:percentile(50), latency:percentile(99)))
end
