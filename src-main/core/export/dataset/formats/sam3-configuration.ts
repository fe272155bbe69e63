import type { DatasetPlan } from '../dataset-format.ts';

/**
 * A configuration that stands on the one SAM 3 ships for Roboflow folders and changes only what must differ: where the data
 * lie, that it trains, keeps its checkpoint, and runs on one machine. Paths come from the environment, so the folder can move.
 */
export function sam3Configuration(plan: DatasetPlan): string {
  const split = plan.splits.length > 1;
  return `# @package _global_
# Fine-tunes SAM 3 on ${plan.frames.length} frames of ${plan.videoName} (classes: ${plan.classes.join(', ')}).
# Copy this file into sam3/train/configs/ of the SAM 3 repository, then, from the repository:
#   export MASKLET_DATASET=/where/this/folder/is SAM3_CHECKPOINT=/where/sam3.pt/is MASKLET_LOGS=/where/results/go
#   python sam3/train/train.py -c configs/masklet_sam3.yaml --use-cluster 0 --num-gpus 1
# docs/training.md of Masklet Studio tells each step and how the result becomes a model pack.
defaults:
  - roboflow_v100/roboflow_v100_full_ft_100_images
  - _self_

paths:
  roboflow_vl_100_root: \${oc.env:MASKLET_DATASET}
  checkpoint_path: \${oc.env:SAM3_CHECKPOINT}
  experiment_log_dir: \${oc.env:MASKLET_LOGS}
  bpe_path: \${oc.env:SAM3_BPE,sam3/assets/bpe_simple_vocab_16e6.txt.gz}

# The shipped configuration looks for ROOT/NAME/train and ROOT/NAME/test; the name "." is the folder itself.
all_roboflow_supercategories:
  - .

roboflow_train:
  num_images: null

scratch:
  num_train_workers: 4
  max_data_epochs: 20
  target_epoch_size: ${plan.frames.length}

trainer:
  mode: ${split ? 'train' : 'train_only'}
  max_epochs: 20
  skip_saving_ckpts: false
  model:
    eval_mode: false

launcher:
  num_nodes: 1
  gpus_per_node: 1

submitit:
  use_cluster: false
`;
}
