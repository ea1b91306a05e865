"""The real Trainer of transformers, with a small model made on the spot."""

import torch
from transformers import BertConfig, BertForSequenceClassification, Trainer, TrainingArguments

import paramo


def fit(trial, folder, epochs):
    torch.manual_seed(0)
    model = BertForSequenceClassification(BertConfig(vocab_size=20, hidden_size=8, num_hidden_layers=1, num_attention_heads=2, intermediate_size=8, max_position_embeddings=8))
    data = [{"input_ids": torch.tensor([1, at % 10, 3]), "labels": torch.tensor(at % 2)} for at in range(32)]
    args = TrainingArguments(output_dir=str(folder), num_train_epochs=epochs, per_device_train_batch_size=8, logging_strategy="epoch", eval_strategy="epoch", save_strategy="no", report_to=[], disable_tqdm=True, use_cpu=True)
    trainer = Trainer(model, args, train_dataset=data, eval_dataset=data, callbacks=[paramo.huggingface.Callback(trial)])
    trainer.train()
    return trainer.state


def test_what_the_trainer_logs_is_reported_at_its_step(connection, name, tmp_path):
    with paramo.run(name, connection=connection) as run:
        state = fit(run, tmp_path, 3)
    logged = [entry["eval_loss"] for entry in state.log_history if "eval_loss" in entry]
    series = run.result.series("eval_loss")
    assert series.values == logged and series.steps == [3, 7, 11]
    assert {"loss", "learning_rate", "eval_loss"} <= set(run.result.metrics)


def test_the_training_ends_when_the_trial_is_stopped(connection, name, tmp_path):
    study = paramo.open_study(name, {"x": paramo.Float(0, 1)}, "min eval_loss", connection=connection, steps=40, stopper=("median", {"startupTrials": 1}), trials=2, strategy="random")
    better = study.ask()
    for step in range(40):
        better.report(eval_loss=0.0, step=step)
    better.complete()
    trial = study.ask()
    state = fit(trial, tmp_path, 10)
    assert trial.stopped.cause == "stop" and state.global_step < 40
    assert study.tell(trial, None).state == "stopped"
