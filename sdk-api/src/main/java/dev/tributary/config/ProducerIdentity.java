package dev.tributary.config;

import dev.tributary.error.InvalidRequestException;
import dev.tributary.spi.TimeSource;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Whose numbers a client puts on its jobs, for backends that know a repeated job by its producer's number.
 *
 * @param id the producer's name, 1 to 255 characters
 * @param epoch which of the producer's lives this is, at least 1: a newer one starts its numbers anew and fences the older ones
 */
public record ProducerIdentity(String id, long epoch) {
  private static final int MAX_LENGTH = 255;
  private static final int MAX_HOST_LENGTH = 200;
  private static final AtomicLong LAST_EPOCH = new AtomicLong();

  public ProducerIdentity {
    checkId(id);
    if (epoch < 1) {
      throw InvalidRequestException.of("producer epoch " + epoch + " is less than 1", "Count from 1, or use the Unix time in seconds");
    }
  }

  static void checkId(String id) {
    if (id.isEmpty() || id.length() > MAX_LENGTH) {
      throw InvalidRequestException.of(
          "a producer's id has " + id.length() + " characters", "Give it 1 to " + MAX_LENGTH + ", the host's name and a number for instance");
    }
  }

  /** One that nobody else has. */
  static ProducerIdentity unique(Map<String, String> environment, TimeSource time) {
    String name = host(environment) + "-" + ProcessHandle.current().pid() + "-" + "%08x".formatted(ThreadLocalRandom.current().nextInt());
    return new ProducerIdentity(name, epoch(time));
  }

  /** A new life of this producer: of two within the same second the second is the newer one. */
  static ProducerIdentity newLife(String id, TimeSource time) {
    long now = epoch(time);
    return new ProducerIdentity(id, LAST_EPOCH.accumulateAndGet(now, (last, wanted) -> Math.max(last + 1, wanted)));
  }

  private static long epoch(TimeSource time) {
    return Math.max(1, time.now().getEpochSecond());
  }

  /** By the environment alone: asking the name service may take its time. */
  private static String host(Map<String, String> environment) {
    for (String variable : new String[] {"HOSTNAME", "COMPUTERNAME"}) {
      String name = environment.getOrDefault(variable, "").strip();
      if (!name.isEmpty()) {
        return name.substring(0, Math.min(name.length(), MAX_HOST_LENGTH));
      }
    }
    return "host";
  }
}
