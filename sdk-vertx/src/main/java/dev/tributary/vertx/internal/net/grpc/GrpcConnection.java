package dev.tributary.vertx.internal.net.grpc;

import dev.tributary.config.Endpoint;
import dev.tributary.error.TributaryException;
import dev.tributary.spi.TimeSource;
import dev.tributary.vertx.internal.net.LoopTimer;
import dev.tributary.vertx.internal.net.Network;
import dev.tributary.vertx.internal.net.OnLoop;
import dev.tributary.vertx.internal.net.Standing;
import io.vertx.core.Future;
import io.vertx.core.http.GoAway;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientConnection;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One HTTP/2 connection of a lane. It is made for good: no pool stands between, so nothing waits in one. It watches itself: when calls are
 * under way and nothing arrives, it makes a small call of its own, and closes if even that stays without an answer. Event loop only.
 */
final class GrpcConnection {
  private static final Logger LOG = System.getLogger("dev.tributary.net");

  /** Servers count resets and take too many for an attack, 200 in 30 s for instance; a fresh connection starts at zero. */
  private static final int RESETS = 100;

  private final GrpcLane lane;
  private final Standing standing;
  private final Endpoint endpoint;
  private final long number;
  private final HttpClient client;
  private final HttpClientConnection http;
  private final Runnable ended;
  private final Set<Exchange<?>> exchanges = new HashSet<>();
  private boolean retired;
  private boolean closed;
  private boolean dead;
  private boolean heard;
  private @Nullable GoAway goAway;
  private int resets;
  private long heardAt;
  private TimeSource.@Nullable Timer watch;
  private @Nullable Exchange<?> probe;
  private TimeSource.@Nullable Timer probeEnd;
  private @Nullable Consumer<@Nullable TributaryException> question;

  GrpcConnection(GrpcLane lane, Standing standing, HttpClient client, HttpClientConnection http) {
    this.lane = lane;
    this.standing = standing;
    this.endpoint = standing.endpoint;
    this.number = standing.connected();
    this.client = client;
    this.http = http;
    this.heardAt = lane.time().nanos();
    this.ended = lane.connected(endpoint);
    http.closeHandler(gone -> OnLoop.run(lane.context(), this, GrpcConnection::gone));
    http.goAwayHandler(away -> OnLoop.run(lane.context(), away, this::goingAway));
    // A fault of the connection reaches every call on it as well; there is nobody else to tell.
    http.exceptionHandler(fault -> LOG.log(Level.DEBUG, "connection to {0}: {1}", endpoint, fault));
  }

  Endpoint endpoint() {
    return endpoint;
  }

  /** Whether it takes another call. */
  boolean free() {
    // One stream is kept for the probe.
    return !retired && exchanges.size() < Math.min(lane.limit(), Math.max(1, http.maxActiveStreams() - 1));
  }

  boolean closed() {
    return closed;
  }

  /** Whether it takes no new calls. */
  boolean retired() {
    return retired;
  }

  /** Asks whether somebody is there, before it is used for anything else: null if there is. */
  void ask(Consumer<@Nullable TributaryException> answered) {
    question = answered;
    probe();
  }

  private void answer(@Nullable TributaryException error) {
    Consumer<@Nullable TributaryException> waiting = question;
    if (waiting != null) {
      question = null;
      if (error != null) {
        close();
      }
      waiting.accept(error);
    }
  }

  /** The question is over. Whatever was answered has been heard before. */
  void asked(@Nullable TributaryException error) {
    answer(error);
  }

  Future<HttpClientRequest> request(String path) {
    return http.request(new RequestOptions().setMethod(HttpMethod.POST).setURI(path));
  }

  void begin(Exchange<?> exchange) {
    exchanges.add(exchange);
    if (watch == null) {
      arm(lane.idleProbe());
    }
  }

  void end(Exchange<?> exchange) {
    exchanges.remove(exchange);
    if (exchange == probe) {
      probeDone();
    }
    if (retired && exchanges.isEmpty()) {
      close();
    }
    lane.freed();
  }

  void hear() {
    heardAt = lane.time().nanos();
    if (!heard) {
      heard = true;
      standing.heard(number);
      answer(null);
    }
  }

  void countReset() {
    if (++resets >= RESETS) {
      retire();
    }
  }

  private void goingAway(GoAway away) {
    goAway = away;
    retire();
    List.copyOf(exchanges).forEach(Exchange::goingAway);
  }

  /** The error of a call that broke here. Closing sends a GOAWAY of our own, whose numbers say nothing about the server. */
  TributaryException broken(Throwable fault, int stream) {
    if (stream == 0) {
      // It makes no streams any more; those that wait are better off with another.
      retire();
    }
    if (dead) {
      return lane.errors().ofDeadLink(endpoint, stream != 0);
    }
    return lane.closed() ? Network.closedError(stream != 0) : lane.errors().ofBreak(endpoint, fault, goAway, stream);
  }

  /** No new calls; those under way end as they may. */
  private void retire() {
    if (!retired) {
      retired = true;
      lane.retired(this);
      if (exchanges.isEmpty()) {
        close();
      }
    }
  }

  /** A call from then on was given up without any sign of life. */
  void suspect(long since) {
    if (heardAt - since < 0) {
      probe();
    }
  }

  /** Another connection to the same endpoint has died. No new calls come here until it is known how this one is. */
  void suspected() {
    if (!closed && lane.time().nanos() - heardAt >= lane.probeTimeoutNanos()) {
      retire();
      probe();
    }
  }

  private void arm(Duration wait) {
    watch = LoopTimer.after(lane.time(), lane.context(), wait, this::look);
  }

  private void look() {
    watch = null;
    if (closed || exchanges.isEmpty()) {
      return;
    }
    long quiet = lane.time().nanos() - heardAt;
    long allowed = lane.idleProbeNanos();
    if (quiet >= allowed) {
      probe();
      arm(lane.idleProbe());
    } else {
      arm(Duration.ofNanos(allowed - quiet));
    }
  }

  private void probe() {
    if (probe != null || closed) {
      return;
    }
    long asked = lane.time().nanos();
    Exchange<?> asking = lane.probe(this);
    if (!asking.over()) {
      probe = asking;
      probeEnd = LoopTimer.after(lane.time(), lane.context(), lane.probeTimeout(), () -> probeTimedOut(asked));
    }
  }

  private void probeTimedOut(long asked) {
    Exchange<?> unanswered = probe;
    if (unanswered == null) {
      return;
    }
    probeDone();
    if (heardAt - asked < 0 || !heard) {
      dead();
    } else {
      unanswered.cancel();
    }
  }

  private void probeDone() {
    probe = null;
    if (probeEnd != null) {
      probeEnd.cancel();
      probeEnd = null;
    }
  }

  private void dead() {
    if (!closed) {
      dead = true;
      LOG.log(Level.DEBUG, "connection to {0} is dead: closing it", endpoint);
      standing.dead(number);
      close();
      answer(lane.errors().ofDeadLink(endpoint, false));
      lane.died(endpoint);
    }
  }

  /** Closes; calls under way fail. */
  void close() {
    if (!closed) {
      over();
      http.close().onComplete(done -> client.close());
    }
  }

  private void gone() {
    boolean byPeer = !closed;
    client.close();
    if (byPeer) {
      over();
      standing.broke(number);
    }
    lane.retired(this);
    // Not every call on a connection hears of its end: one that asked for a stream in the same moment does not.
    List.copyOf(exchanges).forEach(Exchange::lost);
  }

  /** It is used no more. */
  private void over() {
    closed = true;
    retired = true;
    stopWatching();
    ended.run();
  }

  private void stopWatching() {
    if (watch != null) {
      watch.cancel();
      watch = null;
    }
    if (probeEnd != null) {
      probeEnd.cancel();
      probeEnd = null;
    }
  }
}
