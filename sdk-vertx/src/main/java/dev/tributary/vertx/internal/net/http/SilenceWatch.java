package dev.tributary.vertx.internal.net.http;

import dev.tributary.config.Endpoint;
import dev.tributary.error.TributaryException;
import dev.tributary.spi.Deadline;
import dev.tributary.spi.TimeSource;
import dev.tributary.vertx.internal.net.Dial;
import dev.tributary.vertx.internal.net.HttpDialer;
import dev.tributary.vertx.internal.net.LoopTimer;
import dev.tributary.vertx.internal.net.Network;
import dev.tributary.vertx.internal.net.Standing;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Watches the connections of an HTTP lane on which a call waits and nothing arrives. HTTP/1.1 has no ping: a harmless question goes to the same
 * endpoint on a new connection. If nothing answers it, all that are silent are given up. If something does, one whose call takes its time by
 * agreement is left alone, and any other is given up once it had as long as the question had. Event loop only.
 */
final class SilenceWatch {
  private final Network network;
  private final HttpLane lane;
  private final boolean prompt;
  private final long probeNanos;
  private final long answerNanos;
  private final Set<Endpoint> asking = new HashSet<>();
  private TimeSource.@Nullable Timer timer;
  private boolean ended;

  SilenceWatch(Network network, HttpLane lane, boolean prompt) {
    this.network = network;
    this.lane = lane;
    this.prompt = prompt;
    this.probeNanos = Deadline.nanos(network.config().idleProbe());
    this.answerNanos = Deadline.nanos(network.config().connectTimeout());
  }

  /** There is something to watch. */
  void begin() {
    if (timer == null && !ended) {
      timer = LoopTimer.after(network.time(), lane.context(), Duration.ofNanos(probeNanos), this::look);
    }
  }

  void end() {
    ended = true;
    if (timer != null) {
      timer.cancel();
      timer = null;
    }
  }

  private void look() {
    timer = null;
    if (ended) {
      return;
    }
    for (HttpLink link : lane.busy()) {
      // Not by its silence alone: after a time in which nothing was looked at, what came may be waiting to be read.
      if (prompt && link.doubted() && link.unaskedFor() >= answerNanos) {
        link.dead();
      } else if (Math.min(link.silentFor(), link.unaskedFor()) >= probeNanos) {
        ask(link.standing());
      }
    }
    long next = Long.MAX_VALUE;
    for (HttpLink link : lane.busy()) {
      long left = prompt && link.doubted() ? answerNanos - link.unaskedFor() : probeNanos - Math.min(link.silentFor(), link.unaskedFor());
      next = Math.min(next, left <= 0 ? probeNanos : left);
    }
    if (next < Long.MAX_VALUE) {
      timer = LoopTimer.after(network.time(), lane.context(), Duration.ofNanos(next), this::look);
    }
  }

  /** Another connection to this endpoint has died. */
  void suspect(Endpoint endpoint) {
    lane.busy().stream()
        .filter(link -> link.endpoint().equals(endpoint) && Math.min(link.silentFor(), link.unaskedFor()) >= answerNanos)
        .findAny()
        .ifPresent(link -> ask(link.standing()));
  }

  private void ask(Standing standing) {
    if (ended || !asking.add(standing.endpoint)) {
      return;
    }
    long since = network.time().nanos();
    List<HttpLink> silent = lane.busy().stream().filter(link -> link.standing() == standing).toList();
    silent.forEach(HttpLink::askedFor);
    Dial.Outcome<HttpDialer.Made> outcome =
        new Dial.Outcome<>() {
          @Override
          public void connected(HttpDialer.Made made) {
            if (ended) {
              made.close();
            } else {
              lane.ask(standing, made.http(), error -> answered(error, standing, silent, since));
            }
          }

          @Override
          public void failed(TributaryException error) {
            answered(error, standing, silent, since);
          }
        };
    new Dial<>(network, standing.endpoint, lane.context(), lane::dialer, outcome).begin();
  }

  private void answered(@Nullable TributaryException error, Standing standing, List<HttpLink> silent, long since) {
    asking.remove(standing.endpoint);
    if (error != null && !ended) {
      standing.failed(false, error);
      silent.forEach(link -> link.deadUnlessHeard(since));
    }
  }
}
