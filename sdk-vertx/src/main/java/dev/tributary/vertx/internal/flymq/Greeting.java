package dev.tributary.vertx.internal.flymq;

import dev.tributary.config.ClientConfig;
import dev.tributary.config.Credentials;
import dev.tributary.error.ErrorInfo;
import dev.tributary.error.InvalidRequestException;
import dev.tributary.error.NotFoundException;
import dev.tributary.error.ProtocolViolationException;
import dev.tributary.error.TributaryException;
import dev.tributary.error.UnauthenticatedException;
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
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What is said on each connection before all else: who is calling. A public server without authentication goes down when somebody logs in, so that it
 * is asked first, in a way that shows what it is and does nothing. The credentials are asked for once, and again when a server refuses them. Thread-safe.
 */
final class Greeting implements Wire<Answer> {
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

  @Override
  public CompletableFuture<Void> greet(Function<ByteBuf, CompletableFuture<Answer>> ask) {
    CompletableFuture<Credentials> before = known;
    return Steps.then(
        credentials(),
        who -> {
          if (!(who instanceof Credentials.UserPassword user)) {
            return Steps.map(ask.apply(question()), answer -> nothing(answer.as(Opcode.WHOAMI, Identity.class)));
          }
          return Steps.then(
              asksWhoItIs(ask),
              asks -> asks ? login(user, before != null, ask) : CompletableFuture.completedFuture(null));
        });
  }

  private static @Nullable Void nothing(Object answer) {
    return null;
  }

  /** The credentials of now, which were asked for once. */
  private CompletableFuture<Credentials> credentials() {
    CompletableFuture<Credentials> asked = known;
    if (asked == null || asked.isCompletedExceptionally()) {
      asked = askProvider();
      known = asked;
    }
    return Steps.map(asked, Greeting::checked);
  }

  private CompletableFuture<Credentials> askProvider() {
    CompletableFuture<Credentials> asked;
    try {
      asked = provider.credentials().toCompletableFuture();
    } catch (Throwable thrown) {
      asked = CompletableFuture.failedFuture(thrown);
    }
    return Steps.otherwise(asked, why -> CompletableFuture.failedFuture(unavailable(why)));
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
    return InvalidRequestException.of("FlyMQ takes a user with a password, not a token", "Use builder.credentials(new Credentials.UserPassword(…)), or flymq://USER:PASSWORD@host");
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
          known = null;
          return old && !(provider instanceof Credentials.Fixed)
              ? Steps.then(credentials(), other -> again(user, other, identity, ask))
              : CompletableFuture.failedFuture(refused(identity));
        });
  }

  private CompletableFuture<Void> again(
      Credentials.UserPassword before, Credentials now, Identity refusal, Function<ByteBuf, CompletableFuture<Answer>> ask) {
    return now instanceof Credentials.UserPassword user && !user.equals(before)
        ? login(user, false, ask)
        : CompletableFuture.failedFuture(refused(refusal));
  }

  private static TributaryException refused(Identity identity) {
    return new UnauthenticatedException(ErrorInfo.of("the login was refused: " + identity.error(), "Check the user and the password"));
  }
}
