package dev.tributary.vertx.internal.net;

import dev.tributary.config.Credentials;
import dev.tributary.error.ErrorInfo;
import dev.tributary.error.InvalidRequestException;
import dev.tributary.error.TributaryException;
import dev.tributary.error.UnauthenticatedException;
import io.vertx.core.internal.ContextInternal;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The value of the {@code authorization} header. The provider is asked once, and again when the backend refuses what it gave.
 * Thread-safe.
 */
public final class Bearer {
  /** Nobody: no header is sent. */
  private static final String NONE = "";

  private final Credentials.Provider provider;
  private volatile @Nullable String known;
  private @Nullable CompletableFuture<String> asking;

  public Bearer(Credentials.Provider provider) {
    this.provider = provider;
  }

  /** The header if it is known, empty for none; null if the provider must be asked. */
  @Nullable String known() {
    return known;
  }

  /** The header, empty for none. */
  CompletableFuture<String> ask() {
    CompletableFuture<String> answer;
    synchronized (this) {
      String value = known;
      if (value != null) {
        return CompletableFuture.completedFuture(value);
      }
      if (asking != null) {
        return asking;
      }
      answer = new CompletableFuture<>();
      asking = answer;
    }
    try {
      provider.credentials().whenComplete((credentials, error) -> answered(answer, credentials, error));
    } catch (RuntimeException thrown) {
      answered(answer, null, thrown);
    }
    return answer;
  }

  /** The backend does not accept this header any more: tells on this event loop of another, or null if there is none. */
  void replace(String refused, ContextInternal loop, Consumer<@Nullable String> then) {
    refused(refused);
    ask()
        .whenComplete(
            (given, unavailable) -> loop.runOnContext(turn -> then.accept(given == null || given.equals(refused) ? null : given)));
  }

  /** The backend does not accept this header any more. */
  private synchronized void refused(String header) {
    if (header.equals(known)) {
      known = null;
    }
  }

  private void answered(CompletableFuture<String> answer, @Nullable Credentials credentials, @Nullable Throwable error) {
    String header = null;
    TributaryException failure = null;
    if (error != null && Steps.unwrap(error) instanceof InvalidRequestException unusable) {
      failure = unusable;
    } else if (error != null || credentials == null) {
      failure =
          new UnauthenticatedException(
              ErrorInfo.of("the credentials could not be obtained", "See the cause: the configured provider failed").causedBy(error));
    } else {
      try {
        header = header(credentials);
      } catch (InvalidRequestException unusable) {
        failure = unusable;
      }
    }
    synchronized (this) {
      asking = null;
      known = header;
    }
    if (failure == null) {
      answer.complete(header);
    } else {
      answer.completeExceptionally(failure);
    }
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
