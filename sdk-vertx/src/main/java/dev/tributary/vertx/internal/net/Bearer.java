package dev.tributary.vertx.internal.net;

import dev.tributary.config.Credentials;
import dev.tributary.config.Retry;
import dev.tributary.error.ErrorInfo;
import dev.tributary.error.InvalidRequestException;
import dev.tributary.error.TributaryException;
import dev.tributary.error.UnauthenticatedException;
import dev.tributary.internal.driver.Backoff;
import dev.tributary.spi.Steps;
import dev.tributary.spi.TimeSource;
import io.vertx.core.internal.ContextInternal;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The value of the {@code authorization} header. The provider is asked once, and again when the backend refuses what it gave. One that fails
 * is asked again after a pause, whoever wants it: until then all hear that it failed. Thread-safe.
 */
public final class Bearer {
  /** What to do where a backend does not take the token. */
  public static final String CHECK =
      "Check the token: before the @ of the URI, in TRIBUTARY_TOKEN, or by builder.token(…); one that changes by Credentials.Provider.token(supplier)";

  /** Nobody: no header is sent. */
  private static final String NONE = "";

  /** Whoever waits for a provider that works again should not wait for long. */
  private static final Duration MOST = Duration.ofSeconds(5);

  private final Credentials.Provider provider;
  private final TimeSource time;
  private final Backoff backoff;
  private volatile @Nullable String known;
  private @Nullable CompletableFuture<String> asking;
  private @Nullable Throwable fault;
  private long askAt;

  Bearer(Credentials.Provider provider, Retry retry, TimeSource time) {
    this.provider = provider;
    this.time = time;
    this.backoff = new Backoff(retry, MOST);
  }

  /** Whether the provider may give something else another time. */
  boolean changes() {
    return !(provider instanceof Credentials.Fixed);
  }

  /** The header if it is known, empty for none; null if the provider must be asked. */
  public @Nullable String known() {
    return known;
  }

  /** The header, empty for none. */
  public CompletableFuture<String> ask() {
    CompletableFuture<String> answer;
    synchronized (this) {
      String value = known;
      if (value != null) {
        return CompletableFuture.completedFuture(value);
      }
      if (asking != null) {
        return asking;
      }
      long left = askAt - time.nanos();
      if (fault != null && left > 0) {
        return CompletableFuture.failedFuture(failure(fault, left));
      }
      answer = new CompletableFuture<>();
      asking = answer;
    }
    try {
      provider.credentials().whenComplete((credentials, error) -> answered(answer, credentials, error));
    } catch (Throwable thrown) {
      answered(answer, null, thrown);
    }
    return answer;
  }

  /**
   * What there is in place of a header that was refused.
   *
   * @param header another one, or null
   * @param unavailable why there is none, if the provider failed
   */
  public record Replacement(@Nullable String header, @Nullable Throwable unavailable) {
    /** The error of a call whose header was refused, if there is no other one. */
    public TributaryException error(TributaryException refusal) {
      return unavailable != null && Steps.unwrap(unavailable) instanceof TributaryException failed ? failed : refusal;
    }
  }

  /** The backend does not accept this header any more: tells on this event loop what there is in its place. */
  public void replace(String refused, ContextInternal loop, Consumer<Replacement> then) {
    refused(refused);
    ask()
        .whenComplete(
            (given, unavailable) -> {
              Replacement found = new Replacement(given == null || given.equals(refused) ? null : given, unavailable);
              OnLoop.run(loop, found, then);
            });
  }

  /** The backend does not accept this header any more. */
  private synchronized void refused(String header) {
    if (header.equals(known)) {
      known = null;
    }
  }

  private void answered(CompletableFuture<String> answer, @Nullable Credentials credentials, @Nullable Throwable error) {
    String header = null;
    Throwable why = error == null ? null : Steps.unwrap(error);
    if (why == null) {
      try {
        header = header(Objects.requireNonNull(credentials, "the provider gave no credentials"));
      } catch (Throwable unusable) {
        why = unusable;
      }
    }
    long pause;
    synchronized (this) {
      asking = null;
      known = header;
      fault = why;
      if (why == null) {
        backoff.reset();
        pause = 0;
      } else {
        pause = backoff.nextOfOne().toNanos();
        askAt = time.nanos() + pause;
      }
    }
    if (why == null) {
      answer.complete(header);
    } else {
      answer.completeExceptionally(failure(why, pause));
    }
  }

  /** What can be no credentials is a mistake; any other fault of a provider may pass in a moment. */
  private static TributaryException failure(Throwable why, long pause) {
    if (why instanceof InvalidRequestException unusable) {
      return unusable;
    }
    return new UnauthenticatedException(
        ErrorInfo.of("the credentials could not be obtained", "See the cause: the configured provider failed; it is asked again")
            .retryAfter(Duration.ofNanos(pause))
            .causedBy(why));
  }

  private static String header(Credentials credentials) {
    if (credentials instanceof Credentials.Token token) {
      // Never part of a message: it is a secret.
      if (token.value().isEmpty() || token.value().chars().anyMatch(c -> c <= ' ' || c > '~')) {
        throw InvalidRequestException.of(
            "the token is empty or has a character that no header can carry", "Check for a line break at its end");
      }
      return "Bearer " + token.value();
    }
    if (credentials instanceof Credentials.UserPassword) {
      throw InvalidRequestException.of("this backend takes a token, not a user with a password", "Use builder.token(…)");
    }
    return NONE;
  }
}
