package dev.tributary.testkit.server.flowmesh;

import dev.tributary.RedeliveryPolicy;
import dev.tributary.ResourceName;
import dev.tributary.testkit.server.internal.grpc.Rejection;
import dev.tributary.vertx.internal.flowmesh.proto.RetryPolicy;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The wire's policies and what they mean. Its counter of attempts grows by two for each failed delivery, so a limit of w is
 * reached in ceil((w + 1) / 2) deliveries and an exponential backoff grows by the square of its multiplier.
 */
final class RetryPolicies {
  private static final long MAX_BACKOFF_SECONDS = 31_536_000;

  static final RetryPolicy WIRE_DEFAULT =
      RetryPolicy.newBuilder()
          .setMaxAttempts(3)
          .setInitialBackoffSeconds(1)
          .setMaxBackoffSeconds(60)
          .setBackoffMultiplier(2)
          .setBackoffStrategy("exponential")
          .build();
  static final RedeliveryPolicy DEFAULT = meaning(WIRE_DEFAULT);

  /** As they were set: what the meaning does not keep is echoed from here. */
  private final Map<ResourceName, RetryPolicy> raw = new ConcurrentHashMap<>();

  static void check(RetryPolicy policy) {
    if (policy.getMaxAttempts() < 0) {
      throw Rejection.invalid("max_attempts must not be negative");
    } else if (policy.getInitialBackoffSeconds() <= 0) {
      throw Rejection.invalid("initial_backoff_seconds must be positive");
    } else if (policy.getMaxBackoffSeconds() < policy.getInitialBackoffSeconds()) {
      throw Rejection.invalid("max_backoff_seconds must be at least initial_backoff_seconds");
    } else if (policy.getMaxBackoffSeconds() > MAX_BACKOFF_SECONDS) {
      throw Rejection.invalid("max_backoff_seconds must be at most " + MAX_BACKOFF_SECONDS);
    } else if (!(policy.getBackoffMultiplier() > 0) || Double.isInfinite(policy.getBackoffMultiplier())) {
      throw Rejection.invalid("backoff_multiplier must be positive");
    }
    strategy(policy);
  }

  private static RedeliveryPolicy.Strategy strategy(RetryPolicy policy) {
    return switch (policy.getBackoffStrategy()) {
      case "fixed" -> RedeliveryPolicy.Strategy.FIXED;
      case "linear" -> RedeliveryPolicy.Strategy.LINEAR;
      case "exponential" -> RedeliveryPolicy.Strategy.EXPONENTIAL;
      default -> throw Rejection.invalid("backoff_strategy must be fixed, linear or exponential");
    };
  }

  static RedeliveryPolicy meaning(RetryPolicy policy) {
    RedeliveryPolicy.Strategy strategy = strategy(policy);
    double multiplier = policy.getBackoffMultiplier();
    int limit = policy.getMaxAttempts();
    return RedeliveryPolicy.builder()
        .maxAttempts(limit == 0 ? 0 : limit / 2 + 1)
        .initialBackoff(Duration.ofSeconds(policy.getInitialBackoffSeconds()))
        .maxBackoff(Duration.ofSeconds(policy.getMaxBackoffSeconds()))
        .multiplier(strategy == RedeliveryPolicy.Strategy.EXPONENTIAL ? Math.min(multiplier * multiplier, Double.MAX_VALUE) : multiplier)
        .strategy(strategy)
        .build();
  }

  void set(ResourceName queue, RetryPolicy policy) {
    raw.put(queue, policy);
  }

  /** The policy as it was set here, or, if something else holds by now, what comes closest to it. */
  RetryPolicy wire(ResourceName queue, RedeliveryPolicy actual) {
    RetryPolicy set = raw.getOrDefault(queue, WIRE_DEFAULT);
    return meaning(set).equals(actual) ? set : closest(actual);
  }

  private static RetryPolicy closest(RedeliveryPolicy policy) {
    boolean exponential = policy.strategy() == RedeliveryPolicy.Strategy.EXPONENTIAL;
    return RetryPolicy.newBuilder()
        .setMaxAttempts(Wire.attempts(policy.maxAttempts()))
        .setInitialBackoffSeconds(Wire.seconds(policy.initialBackoff()))
        .setMaxBackoffSeconds(Math.min(MAX_BACKOFF_SECONDS, Wire.seconds(policy.maxBackoff())))
        .setBackoffMultiplier(exponential ? Math.sqrt(policy.multiplier()) : policy.multiplier())
        .setBackoffStrategy(policy.strategy().name().toLowerCase(Locale.ROOT))
        .build();
  }

  /** The wait after a failed delivery where the transport's own would differ, or null: a linear one grows by two steps at a time. */
  @Nullable Duration backoff(ResourceName queue, int delivery) {
    RetryPolicy policy = raw.get(queue);
    if (policy == null || !policy.getBackoffStrategy().equals("linear")) {
      return null;
    }
    double seconds = (double) policy.getInitialBackoffSeconds() * Wire.attempts(delivery);
    return Duration.ofSeconds((long) Math.min(seconds, policy.getMaxBackoffSeconds()));
  }
}
