package dev.tributary.vertx.internal.flymq;

import dev.tributary.config.ClientConfig;
import dev.tributary.config.Credentials;
import dev.tributary.error.ErrorInfo;
import dev.tributary.error.InvalidRequestException;
import dev.tributary.error.NotFoundException;
import dev.tributary.error.ProtocolViolationException;
import dev.tributary.error.TributaryException;
import dev.tributary.error.UnauthenticatedException;
import dev.tributary.error.UnsupportedFeatureException;
import dev.tributary.spi.Steps;
import dev.tributary.vertx.internal.flymq.wire.Answers.Identity;
import dev.tributary.vertx.internal.flymq.wire.Deframer;
import dev.tributary.vertx.internal.flymq.wire.Frame;
import dev.tributary.vertx.internal.flymq.wire.Malformed;
import dev.tributary.vertx.internal.flymq.wire.Message;
import dev.tributary.vertx.internal.flymq.wire.Opcode;
import dev.tributary.vertx.internal.flymq.wire.Requests;
import dev.tributary.vertx.internal.net.tcp.Wire;
import io.netty.buffer.ByteBuf;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What is said on each connection before all else: who is calling. A public server without authentication goes down when somebody logs in, so that it
 * is asked first, in a way that shows what it is and does nothing. The credentials are asked for once, and again when a server refuses them. Thread-safe.
 */
final class Greeting implements Wire<Answer> {
  /** What to do where a server does not take the user. */
  static final String CHECK =
      "Check user and password: before the @ of the URI, in TRIBUTARY_USER and TRIBUTARY_PASSWORD, or by builder.credentials(…)";

  /** A server closes what was idle for five minutes. */
  private static final Duration HEARTBEAT = Duration.ofMinutes(1);

  /** A group that nobody has: only an administrator hears that. */
  private static final Requests.Group NOBODYS = new Requests.Group("tributary", "nobody");

  private final Credentials.Provider provider;
  private final int mostBytes;
  private volatile @Nullable CompletableFuture<Credentials> known;

  Greeting(ClientConfig config) {
    this.provider = config.credentials();
    this.mostBytes = config.maxMessageBytes();
  }

  @Override
  public Answers<Answer> answers() {
    return new Cut(Deframer.passingOver(mostBytes));
  }

  private record Cut(Deframer frames) implements Answers<Answer> {
    @Override
    public void add(ByteBuf more) {
      frames.add(more);
    }

    @Override
    public @Nullable Answer next() {
      try {
        Frame frame = frames.next();
        return frame == null ? null : new Answer(frame, frames.passedOver());
      } catch (Malformed garbage) {
        throw new ProtocolViolationException(
            ErrorInfo.of("what came is no FlyMQ: " + garbage.text(), "Check that host and port are those of a FlyMQ server, and whether it wants TLS"));
      }
    }
  }

  @Override
  public ByteBuf question() {
    return Frame.of(Opcode.WHOAMI, Message.EMPTY);
  }

  @Override
  public Duration heartbeat() {
    return HEARTBEAT;
  }

  /** Whether the provider may give something else another time. */
  boolean changes() {
    return !(provider instanceof Credentials.Fixed);
  }

  /** Says again who is calling, where somebody is turned away who had been let in. */
  CompletableFuture<Void> again(Function<ByteBuf, CompletableFuture<Answer>> ask) {
    return Steps.then(
        credentials(),
        who -> who instanceof Credentials.UserPassword user ? login(user, true, ask) : CompletableFuture.completedFuture(null));
  }

  /** They are asked for again, unless that has happened already. */
  private synchronized void forget(Credentials refused) {
    CompletableFuture<Credentials> given = known;
    if (given != null && given.isDone() && !given.isCompletedExceptionally() && given.join().equals(refused)) {
      known = null;
    }
  }

  @Override
  public CompletableFuture<Optional<TributaryException>> greet(Function<ByteBuf, CompletableFuture<Answer>> ask) {
    CompletableFuture<Credentials> before = known;
    return Steps.then(
        credentials(),
        who -> {
          if (!(who instanceof Credentials.UserPassword user)) {
            return Steps.map(
                ask.apply(question()),
                answer -> {
                  answer.as(Opcode.WHOAMI, Identity.class);
                  return Optional.of(nobody());
                });
          }
          return Steps.then(
              asksWhoItIs(ask),
              asks ->
                  asks
                      ? Steps.map(login(user, before != null, ask), in -> Optional.empty())
                      : CompletableFuture.completedFuture(Optional.of(noUsers())));
        });
  }

  private static TributaryException nobody() {
    return new UnauthenticatedException(ErrorInfo.of("only who has logged in has to do with users", CHECK));
  }

  private static TributaryException noUsers() {
    return new UnsupportedFeatureException(
        ErrorInfo.of("this server asks nobody who they are, so that it has no users", "Start it with authentication enabled"));
  }

  /** The credentials of now, which were asked for once. */
  private synchronized CompletableFuture<Credentials> credentials() {
    CompletableFuture<Credentials> asked = known;
    if (asked == null || asked.isCompletedExceptionally()) {
      asked = askProvider();
      known = asked;
    }
    // Whoever gives up waiting for it does so alone.
    return Steps.map(asked.copy(), Greeting::checked);
  }

  private CompletableFuture<Credentials> askProvider() {
    CompletableFuture<Credentials> asked;
    try {
      asked = provider.credentials().toCompletableFuture();
    } catch (Throwable thrown) {
      asked = CompletableFuture.failedFuture(thrown);
    }
    CompletableFuture<Credentials> given = Steps.map(asked, credentials -> Objects.requireNonNull(credentials, "the provider gave no credentials"));
    return Steps.otherwise(given, why -> CompletableFuture.failedFuture(unavailable(why)));
  }

  private static TributaryException unavailable(Throwable why) {
    return new UnauthenticatedException(
        ErrorInfo.of("the credentials could not be obtained", "See the cause: the configured provider failed; it is asked again").causedBy(why));
  }

  private static Credentials checked(Credentials credentials) {
    if (credentials instanceof Credentials.Token) {
      throw noToken();
    }
    return credentials;
  }

  static InvalidRequestException noToken() {
    return InvalidRequestException.of(
        "FlyMQ takes a user with a password, not a token", "Use builder.credentials(new Credentials.UserPassword(…)), or flymq://USER:PASSWORD@host");
  }

  /** Whether the server asks anybody who they are. */
  private static CompletableFuture<Boolean> asksWhoItIs(Function<ByteBuf, CompletableFuture<Answer>> ask) {
    return Steps.map(
        ask.apply(Frame.of(Opcode.DESCRIBE_GROUP, NOBODYS)),
        answer -> {
          try {
            answer.as(Opcode.DESCRIBE_GROUP, Message.class);
            return false;
          } catch (NotFoundException nobody) {
            return false;
          } catch (UnauthenticatedException asked) {
            return true;
          }
        });
  }

  private CompletableFuture<Void> login(
      Credentials.UserPassword user, boolean old, Function<ByteBuf, CompletableFuture<Answer>> ask) {
    return Steps.then(
        ask.apply(Frame.of(Opcode.AUTH, new Requests.Login(user.user(), user.password()))),
        answer -> {
          Identity identity = answer.as(Opcode.AUTH, Identity.class);
          if (identity.success()) {
            return CompletableFuture.completedFuture(null);
          }
          forget(user);
          return old && changes()
              ? Steps.then(credentials(), now -> loginAs(now, user, identity, ask))
              : CompletableFuture.failedFuture(refused(identity));
        });
  }

  private CompletableFuture<Void> loginAs(
      Credentials now, Credentials.UserPassword refused, Identity refusal, Function<ByteBuf, CompletableFuture<Answer>> ask) {
    return now instanceof Credentials.UserPassword user && !user.equals(refused)
        ? login(user, false, ask)
        : CompletableFuture.failedFuture(refused(refusal));
  }

  private static TributaryException refused(Identity identity) {
    return new UnauthenticatedException(ErrorInfo.of("the login was refused: " + identity.error(), CHECK));
  }
}
