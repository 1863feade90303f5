package dev.tributary.vertx.internal.net;

import dev.tributary.error.TributaryException;
import io.vertx.core.internal.ContextInternal;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One effort of a lane to get a connection: waits for its turn at the endpoint in use, connects, asks a harmless question if all wait for what
 * becomes of it, and goes on to another endpoint that may be tried. Event loop only.
 */
public final class Approach<C extends Dialer.Connection> implements Standing.Waiter {
  private final Network network;
  private final Lane<C> lane;
  private Standing standing;
  private int endpointsLeft;
  private boolean trial;
  private boolean over;

  /** Whose effort it is. Exactly one of the last three ends it. */
  public interface Lane<C extends Dialer.Connection> {
    ContextInternal context();

    /** Whether somebody waits for a connection. */
    boolean wanted();

    /** What connects to one address. */
    Dialer<C> dialer();

    /** Whether something is asked on every connection before it is used, and not only where all wait for what becomes of it. */
    default boolean alwaysAsks() {
      return false;
    }

    /** Asks a harmless question on it, and says how that ended: null if anything at all was answered. */
    void ask(Approach<C> approach, C connection, Consumer<@Nullable TributaryException> answered);

    /** There is a connection; one that was asked before, if so. */
    void connected(Approach<C> approach, C connection, boolean asked);

    /** There is none to be had. */
    void failed(Approach<C> approach, TributaryException error);

    /** Nobody wants one any more. */
    void unwanted(Approach<C> approach);
  }

  public Approach(Network network, Lane<C> lane) {
    this.network = network;
    this.lane = lane;
    this.standing = network.endpoints().choice();
    this.endpointsLeft = network.endpoints().size();
  }

  /** How the endpoint stands that it goes to. */
  public Standing standing() {
    return standing;
  }

  public void begin() {
    standing = network.endpoints().choice();
    standing.enter(this);
  }

  /** The lane is closed, and hears nothing more. */
  public void abandon() {
    if (!over) {
      over = true;
      standing.leave(this);
      if (trial) {
        standing.passed();
      }
    }
  }

  @Override
  public void dial(boolean asOneForAll) {
    if (!OnLoop.run(lane.context(), this, self -> self.connect(asOneForAll)) && asOneForAll) {
      standing.passed();
    }
  }

  @Override
  public void refused(TributaryException error) {
    OnLoop.run(lane.context(), this, self -> self.next(error));
  }

  @Override
  public void reconsider() {
    OnLoop.run(
        lane.context(),
        this,
        self -> {
          if (!self.over) {
            self.begin();
          }
        });
  }

  private void connect(boolean asOneForAll) {
    if (over || !lane.wanted()) {
      if (asOneForAll) {
        standing.passed();
      }
      if (!over) {
        over = true;
        lane.unwanted(this);
      }
      return;
    }
    trial = asOneForAll;
    Dial.Outcome<C> outcome =
        new Dial.Outcome<>() {
          @Override
          public void connected(C connection) {
            made(connection);
          }

          @Override
          public void failed(TributaryException error) {
            lost(error);
          }
        };
    new Dial<>(network, standing.endpoint, lane.context(), lane::dialer, outcome).begin();
  }

  private void made(C connection) {
    if (over) {
      connection.close();
    } else if (trial || lane.alwaysAsks()) {
      lane.ask(
          this,
          connection,
          error -> {
            if (error != null) {
              lost(error);
            } else {
              done(connection);
            }
          });
    } else {
      done(connection);
    }
  }

  private void done(C connection) {
    if (!over) {
      over = true;
      lane.connected(this, connection, trial || lane.alwaysAsks());
    }
  }

  private void lost(TributaryException error) {
    if (over) {
      return;
    }
    boolean mine = trial;
    trial = false;
    standing.failed(mine, error);
    next(error);
  }

  private void next(TributaryException error) {
    if (over) {
      return;
    }
    if (endpointsLeft > 1 && lane.wanted()) {
      endpointsLeft--;
      Standing other = network.endpoints().choice();
      if (other != standing && other.open()) {
        standing = other;
        other.enter(this);
        return;
      }
    }
    over = true;
    lane.failed(this, error);
  }
}
