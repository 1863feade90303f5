package dev.tributary.testkit;

import dev.tributary.ResourceName;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One call that reached the transport of a {@link FakeTributary}; a call that the client repeated is there once for each try.
 *
 * <p>The operations are the methods of the SPI: {@code publish}, {@code read}, {@code subscribe}, {@code commit}, {@code seek},
 * {@code enqueue}, {@code receive}, {@code open}, {@code put}, {@code get}, {@code watch} and so on. Settlements are named by what they
 * do, {@code ack}, {@code nack}, {@code reject} or {@code extend}, and {@code settle} if one call does several. A prefix tells the
 * others apart: {@code deadLetters.list}, {@code transaction.commit}, {@code schemas.register}, {@code admin.createStream},
 * {@code health.ready}.
 *
 * @param operation what was called
 * @param resource what it was about, or null
 * @param arguments what else was passed, without the deadline and observers
 * @param at when, by the fake's time
 */
public record CallRecord(String operation, @Nullable ResourceName resource, List<Object> arguments, Instant at) {
  public CallRecord {
    arguments = List.copyOf(arguments);
  }

  /** The first argument of this type: the {@code List} of what was published, for instance. */
  public <T> Optional<T> argument(Class<T> type) {
    return arguments.stream().filter(type::isInstance).map(type::cast).findFirst();
  }
}
