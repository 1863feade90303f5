package dev.tributary.engine;

import dev.tributary.error.ErrorInfo;
import dev.tributary.error.NotFoundException;
import dev.tributary.replay.Replay;
import dev.tributary.replay.ReplayOptions;
import dev.tributary.spi.StreamTransport.ReplayCommand;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The replay sessions of an engine. Used inside the gate. */
final class Replays {
  private final Gate gate;
  private final Ids ids;
  private final Map<String, ReplaySession> sessions = new LinkedHashMap<>();

  Replays(Gate gate, Ids ids) {
    this.gate = gate;
    this.ids = ids;
  }

  ReplaySession create(StreamLog log, ReplayOptions options) {
    String id = ids.next();
    ReplaySession session = new ReplaySession(gate, id, log, options);
    sessions.put(id, session);
    return session;
  }

  List<Replay.State> of(StreamLog log) {
    return sessions.values().stream().filter(session -> session.log() == log).map(ReplaySession::state).toList();
  }

  ReplaySession get(String id) {
    ReplaySession session = sessions.get(id);
    if (session == null) {
      throw new NotFoundException(ErrorInfo.of("there is no replay " + id, "List the replays of the stream"));
    }
    return session;
  }

  void control(String id, ReplayCommand command) {
    ReplaySession session = get(id);
    switch (command) {
      case START -> session.start();
      case PAUSE -> session.pause();
      case RESUME -> session.resume();
      case STOP -> session.stop();
      case DELETE -> {
        session.requireRemovable();
        sessions.remove(id);
      }
    }
  }

  /** A stream is gone, and what walks it. */
  void forget(StreamLog log) {
    List<ReplaySession> gone = sessions.values().stream().filter(session -> session.log() == log).toList();
    gone.forEach(ReplaySession::halt);
    sessions.values().removeAll(gone);
  }
}
